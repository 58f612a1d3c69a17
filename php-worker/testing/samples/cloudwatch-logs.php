<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'awslogs' => ['data' => base64_encode((string) gzencode((string) json_encode([
        'messageType' => 'DATA_MESSAGE',
        'owner' => '123456789012',
        'logGroup' => '/aws/lambda/orders',
        'logStream' => '2019/03/13/[$LATEST]94fa867e5374431291a7fc14e2f56ae7',
        'subscriptionFilters' => ['errors'],
        'logEvents' => [[
            'id' => '34622316099697884706540976068822859012661220141643892546',
            'timestamp' => 1552518348220,
            'message' => '{"level": "ERROR"}',
            'extractedFields' => ['level' => 'ERROR'],
        ]],
    ])))],
];
