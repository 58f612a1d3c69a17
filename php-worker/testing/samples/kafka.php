<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'eventSource' => 'aws:kafka',
    'eventSourceArn' => 'arn:aws:kafka:eu-west-1:123456789012:cluster/shop/751d2973-2',
    'bootstrapServers' => 'b-1.shop.kafka.eu-west-1.amazonaws.com:9092,'
        . 'b-2.shop.kafka.eu-west-1.amazonaws.com:9092',
    'records' => [
        'orders-0' => [[
            'topic' => 'orders',
            'partition' => 0,
            'offset' => 15,
            'timestamp' => 1545084650987,
            'timestampType' => 'CREATE_TIME',
            'key' => base64_encode('order-1'),
            'value' => base64_encode('{"number": 1}'),
            'headers' => [['shop' => [112, 97, 114, 105, 115]], ['mark' => [-1, 0]]],
        ]],
    ],
];
