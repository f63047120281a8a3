/**
 * Model files of others made into this program's own: PyTorch checkpoints and safetensors under the names of DINO,
 * DINOv2, timm, Hugging Face and STEGO.
 */
package org.stegokernels.convert;
