<?php
// SPDX-License-Identifier: MIT
//
// A request through API Gateway, in format 2.0 (HTTP APIs and function URLs) or 1.0 (REST APIs),
// or through an Application Load Balancer, for a handler of events. An application that wants a
// request of PSR-7 or Symfony returns its kernel instead (docs/frameworks.md).
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html

declare(strict_types=1);

namespace Phork\Event;

final readonly class HttpEvent extends Event
{
    public const PARTS = [...parent::PARTS, HttpParts::class];

    /**
     * @param array<mixed> $event
     * @param '1.0'|'2.0' $version 1.0 also of a load balancer, which has no number
     * @param string $path with the stage, where the URL has it
     * @param array<array-key, list<string>> $query decoded; by name, which is case-sensitive
     * @param array<array-key, list<string>> $headers by name in lower case. Format 2.0 has joined
     *     values of one name with commas
     * @param list<string> $cookies such as `a=1`
     * @param string $body bytes; '' when there is none
     * @param array<array-key, string> $pathParameters
     * @param array<array-key, string> $stageVariables
     * @param string $sourceIp '' behind a load balancer that is set up not to tell it
     * @param Fields $requestContext all that API Gateway says about the request
     */
    private function __construct(
        array $event,
        public string $version,
        public string $method,
        public string $path,
        public array $query,
        public array $headers,
        public array $cookies,
        public string $body,
        public array $pathParameters,
        public array $stageVariables,
        public string $sourceIp,
        public Fields $requestContext,
    ) {
        parent::__construct($event);
    }

    public static function fromArray(array $event): static
    {
        $fields = Fields::of($event);
        $context = $fields->object('requestContext');
        $isSecond = HttpParts::isSecondFormat($fields);
        $from = $isSecond ? $context->object('http') : $fields;
        $headers = HttpParts::headers($fields);

        return new self(
            $event,
            $isSecond ? '2.0' : '1.0',
            $from->string($isSecond ? 'method' : 'httpMethod'),
            $fields->string($isSecond ? 'rawPath' : 'path'),
            HttpParts::query($fields),
            $headers,
            $isSecond ? $fields->strings('cookies') : HttpParts::cookies($headers),
            HttpParts::body($fields),
            $fields->stringsByKey('pathParameters'),
            $fields->stringsByKey('stageVariables'),
            match (true) {
                $isSecond => $from->string('sourceIp'),
                $context->has('identity') => $context->object('identity')->string('sourceIp'),
                $context->has('elb') => HttpParts::lastForwarded($headers),
                default => throw new InvalidField(
                    'requestContext',
                    'identity of API Gateway or elb of a load balancer',
                    'neither',
                ),
            },
            $context,
        );
    }

    /** The values of the header, joined with commas; null without it. */
    public function header(string $name): ?string
    {
        return HttpParts::header($this->headers, $name);
    }

    /** The first value of the parameter of the query. */
    public function queryParameter(string $name): ?string
    {
        return $this->query[$name][0] ?? null;
    }

    /**
     * The body of a request that has JSON.
     * @return array<mixed>
     * @throws InvalidField
     */
    public function json(): array
    {
        return Fields::decoded($this->body, 'body');
    }
}
