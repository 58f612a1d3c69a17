<?php
// SPDX-License-Identifier: MIT
//
// The entry: it runs the jobs of an SQS queue that the connection `sqs` sends to.

declare(strict_types=1);

require __DIR__ . '/vendor/autoload.php';

return new Phork\Bridge\Laravel\QueueHandler(require __DIR__ . '/bootstrap/app.php');
