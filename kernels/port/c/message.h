/* Requests and answers: safetensors files after their length in 8 bytes, little endian (kernels/port/README.md). This code
 * needs a little-endian machine. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "tensor.h"

typedef struct message message;

message *message_read(void); /* null at the end of standard input */
void message_free(message *m);

const char *message_word(const message *m, const char *name); /* a parameter; "" if it is absent */
double message_number(const message *m, const char *name);
int message_flag(const message *m, const char *name);
tensor message_in(const message *m, const char *name); /* its data are null if it is absent */
tensor message_out(message *m, const char *name);      /* as message_in, and goes into the answer */

/* Answers with all tensors that message_out was asked for, and what lies behind them. */
void message_answer(const message *m);
/* Answers without tensors: status unsupported, refused or error. */
void message_refuse(const char *status, const char *text);

#endif
