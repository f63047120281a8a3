/**
 * Vision transformers (Dosovitskiy et al. 2021) as DINO (Caron et al. 2021), DINOv2 (Oquab et al. 2024), DINOv3 (Simeoni et al. 2025), DeiT and timm
 * name their weights: a feature for each patch of an image.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.vit;
