#include "message.h"
#include "kernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 64 /* tensors or parameters of a message */

typedef struct {
    char name[64], value[256];
} entry;

typedef struct {
    char name[64], type[8];
    tensor tensor;
    size_t begin, end;
    int answered;
} part;

struct message {
    char *bytes; /* the whole file: tensors lie in it, each between its guards */
    int entries, parts;
    entry entry[MOST];
    part part[MOST];
};

static void rubbish(const char *what) {
    fprintf(stderr, "not a request: %s\n", what);
    exit(1);
}

static void skip(char **at) {
    while (**at == ' ' || **at == ',' || **at == ':') (*at)++;
}

static void expect(char **at, char c) {
    skip(at);
    if (**at != c) rubbish("its header is no JSON of the form of safetensors");
    (*at)++;
    skip(at);
}

/* Reads a string without escapes, which is all that requests have. */
static void text(char **at, char *to, size_t most) {
    size_t n = 0;
    for (expect(at, '"'); **at != '"' && **at; (*at)++) {
        if (n + 1 < most) to[n++] = **at;
    }
    to[n] = 0;
    expect(at, '"');
}

/* Reads a list of whole numbers, and returns how many. */
static int numbers(char **at, size_t *to, int most) {
    int n = 0;
    for (expect(at, '['); **at != ']'; n++) {
        if (n == most) rubbish("a list is too long");
        to[n] = (size_t)strtoull(*at, at, 10);
        skip(at);
    }
    expect(at, ']');
    return n;
}

static void read_part(char **at, const char *name, part *p) {
    size_t list[8];
    strcpy(p->name, name);
    p->answered = 0;
    for (expect(at, '{'); **at != '}';) {
        char field[64];
        text(at, field, sizeof field);
        if (!strcmp(field, "dtype")) {
            text(at, p->type, sizeof p->type);
        } else {
            int n = numbers(at, list, 8);
            if (!strcmp(field, "shape")) {
                p->tensor.rank = n;
                for (int i = 0; i < n; i++) p->tensor.dim[i] = (int)list[i];
            } else {
                p->begin = list[0];
                p->end = list[1];
            }
        }
    }
    expect(at, '}');
}

static void read_header(message *m, char *at, char *data) {
    for (expect(&at, '{'); *at != '}';) {
        char name[64];
        text(&at, name, sizeof name);
        if (!strcmp(name, "__metadata__")) {
            for (expect(&at, '{'); *at != '}'; m->entries++) {
                if (m->entries == MOST) rubbish("too many parameters");
                text(&at, m->entry[m->entries].name, sizeof m->entry->name);
                text(&at, m->entry[m->entries].value, sizeof m->entry->value);
            }
            expect(&at, '}');
        } else {
            if (m->parts == MOST) rubbish("too many tensors");
            part *p = &m->part[m->parts++];
            read_part(&at, name, p);
            p->tensor.f = (float *)(void *)(data + p->begin);
            p->tensor.i = (int32_t *)(void *)(data + p->begin);
        }
    }
}

message *message_read(void) {
    uint64_t length, header;
    if (fread(&length, 1, 8, stdin) < 8) return NULL;
    message *m = need(1, sizeof(message));
    m->bytes = need(length, 1);
    if (length < 8 || fread(m->bytes, 1, length, stdin) < length) rubbish("it ends early");
    memcpy(&header, m->bytes, 8);
    if (header > length - 8) rubbish("its header is longer than it is");
    /* A copy that ends in a zero: the tensors follow the header at once. */
    char *copy = need(header + 1, 1);
    memcpy(copy, m->bytes + 8, header);
    read_header(m, copy, m->bytes + 8 + header);
    free(copy);
    return m;
}

void message_free(message *m) {
    free(m->bytes);
    free(m);
}

const char *message_word(const message *m, const char *name) {
    for (int i = 0; i < m->entries; i++) {
        if (!strcmp(m->entry[i].name, name)) return m->entry[i].value;
    }
    return "";
}

double message_number(const message *m, const char *name) { return strtod(message_word(m, name), NULL); }

int message_flag(const message *m, const char *name) { return !strcmp(message_word(m, name), "true"); }

static part *find(const message *m, const char *name) {
    char alias[256];
    strcpy(alias, message_word(m, "alias")); /* "x=out": x has no tensor of its own, it lies in out's memory */
    char *other = strchr(alias, '=');
    if (other) {
        *other++ = 0;
        if (!strcmp(alias, name)) name = other;
    }
    for (int i = 0; i < m->parts; i++) {
        if (!strcmp(m->part[i].name, name)) return (part *)&m->part[i];
    }
    return NULL;
}

tensor message_in(const message *m, const char *name) {
    tensor absent = {0};
    part *p = find(m, name);
    return p ? p->tensor : absent;
}

tensor message_out(message *m, const char *name) {
    part *p = find(m, name);
    if (p) p->answered = 1;
    return message_in(m, name);
}

static void send(const char *header, const part **parts, int count) {
    uint64_t header_bytes = strlen(header), padded = (header_bytes + 7) / 8 * 8, length = 8 + padded;
    for (int i = 0; i < count; i++) length += parts[i]->end - parts[i]->begin;
    fwrite(&length, 1, 8, stdout);
    fwrite(&padded, 1, 8, stdout);
    fwrite(header, 1, header_bytes, stdout);
    for (; header_bytes < padded; header_bytes++) putchar(' ');
    for (int i = 0; i < count; i++) {
        fwrite((const char *)parts[i]->tensor.f, 1, parts[i]->end - parts[i]->begin, stdout);
    }
    fflush(stdout);
}

void message_answer(const message *m) {
    char header[MOST * 256], *at = header;
    const part *parts[MOST];
    int count = 0;
    size_t begin = 0;
    at += sprintf(at, "{\"__metadata__\":{\"protocol\":\"1\",\"status\":\"ok\",\"name\":\"plain C99, one thread\"}");
    for (int i = 0; i < m->parts; i++) {
        const part *p = &m->part[i];
        char guard[80], before[80];
        int wanted = p->answered;
        for (int k = 0; k < m->parts; k++) {
            sprintf(guard, "%s.guard", m->part[k].name);
            sprintf(before, "%s.before.guard", m->part[k].name);
            wanted |= m->part[k].answered && (!strcmp(guard, p->name) || !strcmp(before, p->name));
        }
        if (!wanted) continue;
        at += sprintf(at, ",\"%s\":{\"dtype\":\"%s\",\"shape\":[", p->name, p->type);
        for (int d = 0; d < p->tensor.rank; d++) at += sprintf(at, d ? ",%d" : "%d", p->tensor.dim[d]);
        at += sprintf(at, "],\"data_offsets\":[%zu,%zu]}", begin, begin + p->end - p->begin);
        begin += p->end - p->begin;
        parts[count++] = p;
    }
    strcpy(at, "}");
    send(header, parts, count);
}

void message_refuse(const char *status, const char *text) {
    char header[512];
    sprintf(header, "{\"__metadata__\":{\"protocol\":\"1\",\"status\":\"%s\",\"message\":\"%.200s\"}}", status, text);
    send(header, NULL, 0);
}
