/**
 * The host side of every device that launches kernels, written once: what is computed, in which order, from which memory.
 * A device brings a {@link org.stegokernels.device.launch.Launcher}, which begins launches and has memory, and its
 * {@link org.stegokernels.device.launch.OwnOperations}, whose shape differs from device to device. Kernels have one name and
 * one order of arguments on all devices.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.device.launch;
