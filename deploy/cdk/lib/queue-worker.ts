// SPDX-License-Identifier: MIT

import * as sqs from 'aws-cdk-lib/aws-sqs';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { PhorkFunction } from './function';

export interface QueueWorkerProps {
  /** Returns the messages that failed as `batchItemFailures`, as examples/queue does. */
  readonly worker: PhorkFunction;
  /** @default 10 */
  readonly batchSize?: number;
  /** Tries before a message goes to `failed`. @default 3 */
  readonly tries?: number;
}

/** A queue, its worker, and a second queue for messages that failed again and again. */
export class QueueWorker extends Construct {
  readonly queue: sqs.Queue;
  readonly failed: sqs.Queue;

  constructor(scope: Construct, id: string, props: QueueWorkerProps) {
    super(scope, id);
    this.failed = new sqs.Queue(this, 'Failed', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      retentionPeriod: Duration.days(14),
    });
    const timeout = props.worker.timeout ?? Duration.seconds(29);
    this.queue = new sqs.Queue(this, 'Queue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      // As Lambda asks for: a batch may be throttled before it is served.
      visibilityTimeout: Duration.seconds(6 * timeout.toSeconds()),
      deadLetterQueue: { queue: this.failed, maxReceiveCount: props.tries ?? 3 },
    });
    props.worker.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: props.batchSize ?? 10,
        reportBatchItemFailures: true,
      }),
    );
  }
}
