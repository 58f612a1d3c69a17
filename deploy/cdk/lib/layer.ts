// SPDX-License-Identifier: MIT

import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

export interface PhorkLayerProps {
  /** The zip that `phork package --layer --out layer.zip` has written. */
  readonly path: string;
  /** The processor that it was made for. @default x86_64 */
  readonly architecture?: lambda.Architecture;
}

/** phork, PHP and their libraries, for `provided.al2023`. */
export class PhorkLayer extends lambda.LayerVersion {
  readonly architecture: lambda.Architecture;

  constructor(scope: Construct, id: string, props: PhorkLayerProps) {
    const architecture = props.architecture ?? lambda.Architecture.X86_64;
    super(scope, id, {
      code: lambda.Code.fromAsset(props.path),
      compatibleRuntimes: [lambda.Runtime.PROVIDED_AL2023],
      compatibleArchitectures: [architecture],
      description: 'phork, PHP and their libraries',
    });
    this.architecture = architecture;
  }
}
