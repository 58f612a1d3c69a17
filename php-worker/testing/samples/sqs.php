<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'Records' => [[
        'messageId' => '059f36b4-87a3-44ab-83d2-661975830a7d',
        'receiptHandle' => 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
        'body' => '{"number": 1, "amounts": [12.5, 3]}',
        'attributes' => [
            'ApproximateReceiveCount' => '1',
            'SentTimestamp' => '1545082649183',
            'SenderId' => 'AIDAIENQZJOLO23YVJ4VO',
            'ApproximateFirstReceiveTimestamp' => '1545082649185',
        ],
        'messageAttributes' => [
            'shop' => ['stringValue' => 'paris', 'dataType' => 'String'],
        ],
        'md5OfBody' => '2b6eb8e2b0c8d2b2e5d1f5f2d4a1c3e7',
        'eventSource' => 'aws:sqs',
        'eventSourceARN' => 'arn:aws:sqs:eu-west-1:123456789012:orders',
        'awsRegion' => 'eu-west-1',
    ]],
];
