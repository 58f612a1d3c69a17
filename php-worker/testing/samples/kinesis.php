<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'Records' => [[
        'kinesis' => [
            'kinesisSchemaVersion' => '1.0',
            'partitionKey' => 'paris',
            'sequenceNumber' => '49590338271490256608559692538361571095921575989136588898',
            'data' => base64_encode('{"clicks": 3}'),
            'approximateArrivalTimestamp' => 1545084650.987,
        ],
        'eventSource' => 'aws:kinesis',
        'eventVersion' => '1.0',
        'eventID' => 'shardId-006:49590338271490256608559692538361571095921575989136588898',
        'eventName' => 'aws:kinesis:record',
        'invokeIdentityArn' => 'arn:aws:iam::123456789012:role/lambda-role',
        'awsRegion' => 'eu-west-1',
        'eventSourceARN' => 'arn:aws:kinesis:eu-west-1:123456789012:stream/clicks',
    ]],
];
