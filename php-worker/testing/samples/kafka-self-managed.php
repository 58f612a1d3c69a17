<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'eventSource' => 'SelfManagedKafka',
    'bootstrapServers' => 'kafka.example.com:9092',
    'records' => [
        'orders-0' => [[
            'topic' => 'orders',
            'partition' => 0,
            'offset' => 16,
            'timestamp' => 1545084650987,
            'timestampType' => 'CREATE_TIME',
            'value' => base64_encode('{"number": 2}'),
            'headers' => [],
        ]],
    ],
];
