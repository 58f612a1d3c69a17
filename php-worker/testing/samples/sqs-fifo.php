<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'Records' => [[
        'messageId' => '11d6ee51-4cc7-4302-9e22-7cd8afdaadf5',
        'receiptHandle' => 'AQEBBX8nesZEXmkhsmZeyIE8iQAMig7qw1',
        'body' => '{"number": 1, "amounts": [12.5, 3]}',
        'attributes' => [
            'ApproximateReceiveCount' => '1',
            'SentTimestamp' => '1573251510774',
            'SequenceNumber' => '18849496460467696128',
            'MessageGroupId' => 'paris',
            'SenderId' => 'AIDAIO23YVJENQZJOL4VO',
            'MessageDeduplicationId' => 'order-1',
            'ApproximateFirstReceiveTimestamp' => '1573251510774',
        ],
        'messageAttributes' => [],
        'md5OfBody' => 'e4e68fb7bd0e697a0ae8f1bb342846b3',
        'eventSource' => 'aws:sqs',
        'eventSourceARN' => 'arn:aws:sqs:eu-west-1:123456789012:orders.fifo',
        'awsRegion' => 'eu-west-1',
    ]],
];
