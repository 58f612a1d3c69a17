<?php
// SPDX-License-Identifier: MIT
//
// Serves real events under every strategy with PHORK_METRICS=emf and validates the lines that
// CloudWatch reads metrics from. usage: php emf_test.php BUILD_DIR SOURCE_DIR

declare(strict_types=1);

require '/usr/share/php/JsonSchema/autoload.php';

const STRATEGIES = ['inprocess', 'exec', 'prespawn', 'fork', 'fpm'];

/** The function's log of one event. */
function log_of_event(string $build, string $source, string $strategy, string $log_format): string
{
    $environment = [
        'PHORK_METRICS' => 'emf', 'PHORK_STRATEGY' => $strategy,
        'AWS_LAMBDA_LOG_FORMAT' => $log_format,
    ] + getenv();
    $process = proc_open(
        ["$build/phork", 'invoke', "$source/examples/hello"],
        [1 => ['file', '/dev/null', 'w'], 2 => ['pipe', 'w']],
        $pipes,
        null,
        $environment,
    );
    $log = stream_get_contents($pipes[2]);
    $code = proc_close($process);
    if ($code !== 0) {
        throw new RuntimeException("phork invoke: exit code $code:\n$log");
    }
    return $log;
}

/** @return list<stdClass> the lines that CloudWatch reads */
function metrics_in(string $log): array
{
    $documents = array_map(json_decode(...), explode("\n", $log));
    return array_values(array_filter($documents, fn ($each) => isset($each->_aws)));
}

/** @return list<string> what is wrong with a line */
function objections(stdClass $document): array
{
    $validator = new JsonSchema\Validator();
    $schema = json_decode(file_get_contents(__DIR__ . '/emf.schema.json'));
    $validator->validate($document, $schema);
    $wrong = array_map(fn ($e) => "$e[property]: $e[message]", $validator->getErrors());
    // A schema cannot express it: the fields that a directive names must be in the same line.
    foreach ($wrong === [] ? $document->_aws->CloudWatchMetrics : [] as $directive) {
        foreach (array_merge(...$directive->Dimensions) as $name) {
            if (!is_string($document->$name ?? null) || $document->$name === '') {
                $wrong[] = "dimension $name: expected text in the line";
            }
        }
        foreach ($directive->Metrics as $metric) {
            if (!is_numeric($document->{$metric->Name} ?? null)) {
                $wrong[] = "metric $metric->Name: expected a figure in the line";
            }
        }
    }
    $age = microtime(true) * 1000 - ($document->_aws->Timestamp ?? 0);
    if ($age < 0 || $age > 600_000) {
        $wrong[] = "Timestamp: expected the time of the event in milliseconds, is $age ms old";
    }
    return $wrong;
}

/** Makes sure that the validator does find errors. */
function check_the_check(): void
{
    $broken = json_decode('{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"",' .
        '"Dimensions":[],"Metrics":[{"Name":"L","Unit":"Minutes"}]}]}}');
    if (count(objections($broken)) < 3) {
        throw new RuntimeException('the schema accepts a line that is wrong in three places');
    }
}

[, $build, $source] = $argv;
check_the_check();
$failed = 0;
foreach (STRATEGIES as $strategy) {
    foreach (['Text', 'JSON'] as $log_format) {
        $lines = metrics_in(log_of_event($build, $source, $strategy, $log_format));
        $wrong = count($lines) === 1 ? objections($lines[0]) : [count($lines) . ' lines, not one'];
        if ($wrong === [] && $lines[0]->Strategy !== $strategy) {
            $wrong = ["strategy $strategy calls itself {$lines[0]->Strategy}"];
        }
        $failed += $wrong === [] ? 0 : 1;
        printf("%s, %s: %s\n", $strategy, $log_format, implode('; ', $wrong) ?: 'good');
    }
}
exit($failed === 0 ? 0 : 1);
