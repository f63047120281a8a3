/**
 * Model files of others made into this program's own: PyTorch checkpoints and safetensors under the names of DINO,
 * DINOv2, DINOv3, timm, Hugging Face and STEGO.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.convert;
