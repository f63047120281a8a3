/**
 * TornadoVM as seen without it: where its SDK is, whether it can run here, and the provider that says so. Part of
 * every build.
 */
package org.stegokernels.device.tornado.sdk;
