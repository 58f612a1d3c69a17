<?php
// SPDX-License-Identifier: MIT
//
// Runs a console command for each event: `{"command": "planets --larger-than=10000"}`.

declare(strict_types=1);

use Symfony\Component\Console\Application;
use Symfony\Component\Console\Input\StringInput;
use Symfony\Component\Console\Output\BufferedOutput;

/** @var Application $application */
$application = require __DIR__ . '/application.php';

return static function (array $event) use ($application): array {
    $command = $event['command'] ?? null;
    if (!is_string($command)) {
        throw new UnexpectedValueException('expected an event such as {"command": "list"}');
    }
    $output = new BufferedOutput();
    $code = $application->run(new StringInput($command), $output);
    $text = trim($output->fetch());
    // A command that failed is a failed event, so that callers and alarms see it.
    return $code === 0 ? ['output' => $text] : throw new RuntimeException($text, $code);
};
