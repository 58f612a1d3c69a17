// SPDX-License-Identifier: MIT

import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';

export interface HttpApplicationProps {
  /** A PhorkFunction, or the alias of a PhorkImageFunction. */
  readonly handler: lambda.IFunction;
}

/** An HTTP API that hands every request to one function. */
export class HttpApplication extends Construct {
  readonly api: apigateway.HttpApi;

  constructor(scope: Construct, id: string, props: HttpApplicationProps) {
    super(scope, id);
    this.api = new apigateway.HttpApi(this, 'Api', {
      defaultIntegration: new HttpLambdaIntegration('Php', props.handler),
    });
  }

  /** With `https://` and a slash at the end. */
  get url(): string {
    return `${this.api.apiEndpoint}/`;
  }
}
