// SPDX-License-Identifier: MIT
//
// An application of each kind: `npm run synth`, with the zips that `phork package` has written in
// PHORK_DIST. Applications: examples/site, examples/queue, examples/console, examples/symfony.

import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as path from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import {
  HttpApplication,
  PhorkFunction,
  PhorkImageFunction,
  PhorkLayer,
  QueueWorker,
  Site,
  Strategy,
} from '../lib';

const dist = process.env.PHORK_DIST ?? 'dist';
const zip = (name: string): string => path.join(dist, `${name}.zip`);
const app = new App();

const stack = new Stack(app, 'Phork');
const layer = new PhorkLayer(stack, 'Layer', { path: zip('layer') });

const web = new PhorkFunction(stack, 'Web', {
  path: zip('site'),
  handler: 'index.php',
  layer,
  warmup: 'GET /',
});
const application = new HttpApplication(stack, 'Application', { handler: web });
const site = new Site(stack, 'Site', { application });
new CfnOutput(stack, 'Url', { value: `https://${site.distribution.distributionDomainName}/` });

const worker = new PhorkFunction(stack, 'Worker', {
  path: zip('queue'),
  handler: 'worker.php',
  layer,
  strategy: Strategy.ROLLBACK,
  secretsPath: '/shop/prod',
});
const jobs = new QueueWorker(stack, 'Jobs', { worker });
new CfnOutput(stack, 'QueueUrl', { value: jobs.queue.queueUrl });

new PhorkFunction(stack, 'Console', {
  path: zip('console'),
  handler: 'bin/console',
  layer,
  strategy: Strategy.EXEC,
  timeout: Duration.minutes(15),
});

const fromImage = new Stack(app, 'PhorkImage');
const image = new PhorkImageFunction(fromImage, 'Web', {
  repository: ecr.Repository.fromRepositoryName(fromImage, 'Repository', 'my-application'),
  tagOrDigest: '1',
  handler: 'phork.php',
  warmup: 'GET /',
});
const imageApplication = new HttpApplication(fromImage, 'Application', { handler: image.live });
new CfnOutput(fromImage, 'Url', { value: imageApplication.url });
