<?php
// SPDX-License-Identifier: MIT
//
// No database keeps failed jobs: their messages go to the queue's dead-letter queue.

declare(strict_types=1);

return [
    'default' => env('QUEUE_CONNECTION', 'sqs'),
    'failed' => ['driver' => 'null'],
];
