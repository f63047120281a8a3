/**
 * Reading reference vectors and holding a device against them: one class a family of files. The vectors come channels
 * first, as PyTorch lays them out; sizes and parameters are all read from the files.
 */
package org.stegokernels.verify.reference;
