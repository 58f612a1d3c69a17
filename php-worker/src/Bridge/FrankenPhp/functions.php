<?php
// SPDX-License-Identifier: MIT
//
// The functions and constants of FrankenPHP, in a process that runs a worker script and in no
// other: libraries ask function_exists() to learn where they are.
// https://github.com/php/frankenphp/blob/main/frankenphp.stub.php

declare(strict_types=1);

use Phork\Bridge\FrankenPhp\Loop;
use Phork\Bridge\FrankenPhp\Unsupported;

const FRANKENPHP_LOG_LEVEL_DEBUG = -4;
const FRANKENPHP_LOG_LEVEL_INFO = 0;
const FRANKENPHP_LOG_LEVEL_WARN = 4;
const FRANKENPHP_LOG_LEVEL_ERROR = 8;

function frankenphp_handle_request(callable $callback): bool
{
    return Loop::current()->handleRequest($callback(...));
}

function frankenphp_finish_request(): bool
{
    return fastcgi_finish_request();
}

/** @return array<mixed> */
function frankenphp_request_headers(): array
{
    return getallheaders();
}

/** @return array<string, string> */
function frankenphp_response_headers(): array
{
    $headers = [];
    foreach (headers_list() as $line) {
        [$name, $value] = explode(':', $line, 2) + [1 => ''];
        $headers[rtrim($name)] = ltrim($value);
    }

    return $headers;
}

/** @return array<string, string> */
function apache_response_headers(): array
{
    return frankenphp_response_headers();
}

/** @param array<string, mixed> $context */
function frankenphp_log(
    string $message,
    int $level = FRANKENPHP_LOG_LEVEL_INFO,
    array $context = [],
): void {
    $word = match (true) {
        $level >= FRANKENPHP_LOG_LEVEL_ERROR => 'ERROR',
        $level >= FRANKENPHP_LOG_LEVEL_WARN => 'WARN',
        $level >= FRANKENPHP_LOG_LEVEL_INFO => 'INFO',
        default => 'DEBUG',
    };
    $flags = JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR;
    $details = $context === [] ? '' : ' ' . json_encode($context, $flags);
    error_log("$word $message$details");
}

function headers_send(int $status = 200): int
{
    return Unsupported::headersSend($status);
}

/** @param string|list<string> $topics */
function mercure_publish(
    string|array $topics,
    string $data = '',
    bool $private = false,
    ?string $id = null,
    ?string $type = null,
    ?int $retry = null,
): string {
    throw new RuntimeException(Unsupported::MERCURE);
}
