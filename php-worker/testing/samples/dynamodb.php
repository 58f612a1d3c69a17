<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'Records' => [[
        'eventID' => 'c4ca4238a0b923820dcc509a6f75849b',
        'eventName' => 'MODIFY',
        'eventVersion' => '1.1',
        'eventSource' => 'aws:dynamodb',
        'awsRegion' => 'eu-west-1',
        'dynamodb' => [
            'ApproximateCreationDateTime' => 1479499740,
            'Keys' => ['id' => ['N' => '101']],
            'NewImage' => [
                'id' => ['N' => '101'],
                'name' => ['S' => 'lamp'],
                'price' => ['N' => '12.50'],
                'tags' => ['SS' => ['blue', 'new']],
                'size' => ['M' => ['cm' => ['L' => [['N' => '10'], ['N' => '2.5']]]]],
                'sold' => ['BOOL' => false],
                'note' => ['NULL' => true],
                'mark' => ['B' => 'AAEC'],
            ],
            'OldImage' => ['id' => ['N' => '101'], 'name' => ['S' => 'lamp']],
            'SequenceNumber' => '222',
            'SizeBytes' => 59,
            'StreamViewType' => 'NEW_AND_OLD_IMAGES',
        ],
        'eventSourceARN' =>
            'arn:aws:dynamodb:eu-west-1:123456789012:table/products/stream/2024-06-10T19:26:16.525',
    ]],
];
