// SPDX-License-Identifier: MIT

import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { PhorkLayer } from './layer';
import { makeLog, makeRole } from './role';
import { Secrets, listOf } from './secrets';

/** PHORK_STRATEGY: which process serves which event (docs/choosing-a-strategy.md). */
export enum Strategy {
  INPROCESS = 'inprocess',
  EXEC = 'exec',
  PRESPAWN = 'prespawn',
  FORK = 'fork',
  FPM = 'fpm',
  ROLLBACK = 'rollback',
}

/** Settings that functions from a zip and from an image share. */
export interface PhorkProps extends Secrets {
  /** @default Strategy.FORK */
  readonly strategy?: Strategy;
  /** PHORK_WARMUP: `GET /`, or a JSON file of events. @default no rehearsal */
  readonly warmup?: string;
  /** Megabytes. @default 1769, for which Lambda gives one processor */
  readonly memorySize?: number;
  /** @default 29 seconds; an HTTP API waits for 30 */
  readonly timeout?: Duration;
  /** Further variables of the function. */
  readonly environment?: Record<string, string>;
}

export interface PhorkFunctionProps extends PhorkProps {
  /** The zip that `phork package DIR --out function.zip` has written. */
  readonly path: string;
  /** The entry, relative to the folder of the application: `index.php`. */
  readonly handler: string;
  readonly layer: PhorkLayer;
}

export function environmentOf(props: PhorkProps): Record<string, string> {
  const secrets = listOf(props);
  return {
    PHORK_STRATEGY: props.strategy ?? Strategy.FORK,
    ...(props.warmup === undefined ? {} : { PHORK_WARMUP: props.warmup }),
    ...(secrets === '' ? {} : { PHORK_SECRETS: secrets }),
    ...props.environment,
  };
}

/** A PHP function from a zip and the layer. */
export class PhorkFunction extends lambda.Function {
  constructor(scope: Construct, id: string, props: PhorkFunctionProps) {
    const own = new Construct(scope, `${id}Own`);
    const log = makeLog(own);
    super(scope, id, {
      runtime: lambda.Runtime.PROVIDED_AL2023,
      architecture: props.layer.architecture,
      code: lambda.Code.fromAsset(props.path),
      handler: props.handler,
      layers: [props.layer],
      role: makeRole(own, log, props),
      memorySize: props.memorySize ?? 1769,
      timeout: props.timeout ?? Duration.seconds(29),
      logGroup: log,
      loggingFormat: lambda.LoggingFormat.JSON,
      environment: environmentOf(props),
    });
  }
}
