// SPDX-License-Identifier: MIT

import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Annotations, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { PhorkProps, environmentOf } from './function';
import { makeLog, makeRole } from './role';

export interface PhorkImageFunctionProps extends PhorkProps {
  readonly repository: ecr.IRepository;
  /** A tag that is never given twice, or a digest: another image is another version. */
  readonly tagOrDigest: string;
  /** The entry, relative to the folder of the application. @default the CMD of the image */
  readonly handler?: string;
  /** The processor that the image was made for. @default x86_64 */
  readonly architecture?: lambda.Architecture;
  /**
   * Versions start from a snapshot of a booted environment. It pays where the application boots
   * longer than a restore takes (docs/snapstart.md). @default true
   */
  readonly snapStart?: boolean;
}

/**
 * A PHP function from a container image, and its alias `live`, which callers have to use: only
 * published versions start from a snapshot.
 */
export class PhorkImageFunction extends lambda.DockerImageFunction {
  readonly live: lambda.Alias;

  constructor(scope: Construct, id: string, props: PhorkImageFunctionProps) {
    const own = new Construct(scope, `${id}Own`);
    const log = makeLog(own);
    super(scope, id, {
      architecture: props.architecture ?? lambda.Architecture.X86_64,
      code: lambda.DockerImageCode.fromEcr(props.repository, {
        tagOrDigest: props.tagOrDigest,
        cmd: props.handler === undefined ? undefined : [props.handler],
      }),
      role: makeRole(own, log, props),
      memorySize: props.memorySize ?? 1769,
      timeout: props.timeout ?? Duration.seconds(29),
      logGroup: log,
      loggingFormat: lambda.LoggingFormat.JSON,
      environment: environmentOf(props),
      snapStart:
        (props.snapStart ?? true) ? lambda.SnapStartConf.ON_PUBLISHED_VERSIONS : undefined,
    });
    // The alias is a published version, which CDK cannot know yet.
    Annotations.of(this).acknowledgeWarning('@aws-cdk/aws-lambda:snapStartRequirePublish');
    this.live = new lambda.Alias(this, 'Live', { aliasName: 'live', version: this.currentVersion });
  }
}
