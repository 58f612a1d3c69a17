<?php
// SPDX-License-Identifier: MIT
//
// An API asks if a request may pass: a REST API, a WebSocket API (when a client connects), or an
// HTTP API in format 1.0 or 2.0.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html

declare(strict_types=1);

namespace Phork\Event;

final readonly class RequestAuthorizerEvent extends Event
{
    public const PARTS = [...parent::PARTS, HttpParts::class, AuthorizerAnswer::class];

    /**
     * @param array<mixed> $event
     * @param '1.0'|'2.0' $version
     * @param string $resourceArn of the method or route that the client wants to call
     * @param ?string $method null for a WebSocket API
     * @param ?string $path null for a WebSocket API
     * @param array<array-key, list<string>> $query decoded, by name
     * @param array<array-key, list<string>> $headers by name in lower case
     * @param list<string> $cookies such as `a=1`
     * @param array<array-key, string> $pathParameters
     * @param array<array-key, string> $stageVariables
     * @param Fields $requestContext all that API Gateway says about the request
     */
    private function __construct(
        array $event,
        public string $version,
        public string $resourceArn,
        public ?string $method,
        public ?string $path,
        public array $query,
        public array $headers,
        public array $cookies,
        public array $pathParameters,
        public array $stageVariables,
        public Fields $requestContext,
    ) {
        parent::__construct($event);
    }

    public static function fromArray(array $event): static
    {
        $fields = Fields::of($event);
        $fields->oneOf('type', ['REQUEST']);
        $isSecond = HttpParts::isSecondFormat($fields);
        $context = $fields->object('requestContext');
        $headers = HttpParts::headers($fields);

        return new self(
            $event,
            $isSecond ? '2.0' : '1.0',
            $fields->string($isSecond ? 'routeArn' : 'methodArn'),
            $isSecond
                ? $context->object('http')->string('method')
                : $fields->optionalString('httpMethod'),
            $isSecond ? $fields->string('rawPath') : $fields->optionalString('path'),
            HttpParts::query($fields),
            $headers,
            $isSecond ? $fields->strings('cookies') : HttpParts::cookies($headers),
            $fields->stringsByKey('pathParameters'),
            $fields->stringsByKey('stageVariables'),
            $context,
        );
    }

    /** The values of the header, joined with commas; null without it. */
    public function header(string $name): ?string
    {
        return HttpParts::header($this->headers, $name);
    }

    /** The token of the scheme `Bearer` in the header Authorization; null without one. */
    public function bearer(): ?string
    {
        return HttpParts::bearer($this->header('authorization') ?? '');
    }
}
