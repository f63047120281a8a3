/**
 * TornadoVM as seen without it: where its SDK is, whether it can run here, and the provider that says so. Part of
 * every build.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.device.tornado.sdk;
