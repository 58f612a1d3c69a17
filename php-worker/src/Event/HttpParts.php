<?php
// SPDX-License-Identifier: MIT
//
// The parts of an HTTP request that API Gateway writes alike in several events.

declare(strict_types=1);

namespace Phork\Event;

use SensitiveParameter;

/** @internal */
final class HttpParts
{
    /** REST and WebSocket APIs send no version, HTTP APIs send it in both formats. */
    public static function isSecondFormat(Fields $event): bool
    {
        return ($event->has('version') || $event->has('rawPath'))
            && $event->oneOf('version', ['1.0', '2.0']) === '2.0';
    }

    /** @return array<array-key, list<string>> by name in lower case */
    public static function headers(Fields $event): array
    {
        $headers = [];
        foreach (self::lists($event, 'multiValueHeaders', 'headers') as $name => $values) {
            $lower = strtolower((string) $name);
            $headers[$lower] = [...$headers[$lower] ?? [], ...$values];
        }

        return $headers;
    }

    /** @param array<array-key, list<string>> $headers by name in lower case */
    public static function header(array $headers, string $name): ?string
    {
        $values = $headers[strtolower($name)] ?? null;

        return $values === null ? null : implode(', ', $values);
    }

    /** The token of a header Authorization of the scheme `Bearer`. */
    public static function bearer(#[SensitiveParameter] string $header): ?string
    {
        return preg_match('/^Bearer +(\S+)$/Di', $header, $match) === 1 ? $match[1] : null;
    }

    /**
     * @param array<array-key, list<string>> $headers by name in lower case
     * @return list<string>
     */
    public static function cookies(array $headers): array
    {
        $cookies = [];
        foreach ($headers['cookie'] ?? [] as $line) {
            array_push($cookies, ...array_map(trim(...), explode(';', $line)));
        }

        return $cookies;
    }

    /**
     * The client of a load balancer, which adds its address behind those that the client sent; ''
     * when it is set up not to.
     * @param array<array-key, list<string>> $headers by name in lower case
     */
    public static function lastForwarded(array $headers): string
    {
        $addresses = explode(',', self::header($headers, 'x-forwarded-for') ?? '');

        return trim(end($addresses));
    }

    /** @return array<array-key, list<string>> decoded, by name */
    public static function query(Fields $event): array
    {
        // Format 2.0 joins the values of one name with commas; its raw text keeps them apart.
        if (self::isSecondFormat($event)) {
            return self::parsed($event->string('rawQueryString'));
        }
        $lists = self::lists($event, 'multiValueQueryStringParameters', 'queryStringParameters');
        // A load balancer sends names and values as they were in the URL.
        if (!$event->object('requestContext')->has('elb')) {
            return $lists;
        }
        $decoded = [];
        foreach ($lists as $name => $values) {
            $decoded[urldecode((string) $name)] = array_map(urldecode(...), $values);
        }

        return $decoded;
    }

    public static function body(Fields $event): string
    {
        return match (true) {
            !$event->has('body') => '',
            $event->optionalBool('isBase64Encoded') === true => $event->base64('body'),
            default => $event->string('body'),
        };
    }

    /**
     * parse_str() would make nested arrays, and keep one value of a name.
     * @return array<array-key, list<string>>
     */
    private static function parsed(string $query): array
    {
        $parameters = [];
        foreach ($query === '' ? [] : explode('&', $query) as $pair) {
            [$name, $value] = [...explode('=', $pair, 2), ''];
            $parameters[urldecode($name)][] = urldecode($value);
        }

        return $parameters;
    }

    /** @return array<array-key, list<string>> of the field with lists, or else of the other */
    private static function lists(Fields $event, string $multi, string $single): array
    {
        if ($event->has($multi)) {
            return $event->listsByKey($multi);
        }

        return array_map(static fn (string $one): array => [$one], $event->stringsByKey($single));
    }
}
