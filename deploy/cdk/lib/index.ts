// SPDX-License-Identifier: MIT

export { Strategy, PhorkFunction, PhorkFunctionProps } from './function';
export { PhorkImageFunction, PhorkImageFunctionProps } from './image-function';
export { PhorkLayer, PhorkLayerProps } from './layer';
export { HttpApplication, HttpApplicationProps } from './http-application';
export { QueueWorker, QueueWorkerProps } from './queue-worker';
export { Secrets } from './secrets';
export { Site, SiteProps } from './site';
