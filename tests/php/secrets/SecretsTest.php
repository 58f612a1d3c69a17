<?php
// SPDX-License-Identifier: MIT
//
// The variables that secrets become. The real SDK reads from a server that stands in for AWS in
// tests/integration/runtime/secrets_test.cpp.

declare(strict_types=1);

namespace Phork\Tests\Secrets;

use Phork\Secrets\Client;
use Phork\Secrets\Problem;
use Phork\Secrets\Secrets;
use Phork\Secrets\SecretsFailed;
use PHPUnit\Framework\TestCase;
use RuntimeException;
use Throwable;

final class SecretsTest extends TestCase
{
    public function testParametersBecomeVariablesByTheirNamesBelowThePath(): void
    {
        $client = self::client([
            '/app/prod/DB_PASSWORD' => 'a',
            '/app/prod/mail/api-key' => "b\nc",
        ]);
        $expected = ['DB_PASSWORD' => 'a', 'mail_api_key' => "b\nc"];

        self::assertEquals($expected, (new Secrets($client))->variables('ssm:/app/prod'));
        self::assertEquals($expected, (new Secrets($client))->variables(' ssm:/app/prod/ '));
    }

    /**
     * @dataProvider secrets
     * @param array<string, string> $variables
     */
    public function testASecretBecomesOneVariableOrOneForEachMember(
        string $id,
        string $secret,
        array $variables,
    ): void {
        $client = self::client([], [$id => $secret]);

        self::assertSame($variables, (new Secrets($client))->variables("secretsmanager:$id"));
    }

    public static function secrets(): iterable
    {
        yield 'object' => ['app', '{"USER":"ada","port":5432,"tls":true}', [
            'USER' => 'ada',
            'port' => '5432',
            'tls' => 'true',
        ]];
        yield 'text' => ['prod/API_KEY', 'k-1', ['API_KEY' => 'k-1']];
        yield 'text that is a list' => ['LIST', '[1]', ['LIST' => '[1]']];
        foreach (['', '-a1B2c3'] as $suffix) {
            yield "ARN, suffix '$suffix'" => [
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:API_KEY$suffix",
                'k-1',
                ['API_KEY' => 'k-1'],
            ];
        }
    }

    public function testOfTwoVariablesWithOneNameTheLaterCounts(): void
    {
        $client = self::client(['/a/X' => 'first', '/b/X' => 'second', '/a/Y' => 'y']);

        $variables = (new Secrets($client))->variables('ssm:/a,ssm:/b');
        ksort($variables);
        self::assertSame(['X' => 'second', 'Y' => 'y'], $variables);
    }

    /** @dataProvider failures */
    public function testAFailureIsOneLineWithoutAValue(
        ?Client $client,
        string $list,
        string $message,
    ): void {
        try {
            (new Secrets($client))->variables($list);
            self::fail('nothing failed');
        } catch (SecretsFailed $failed) {
            self::assertSame($message, $failed->getMessage());
        }
    }

    public static function failures(): iterable
    {
        $empty = self::client();
        foreach (['', 'foo', 'ssm:', 'ssm:name', 'secretsmanager:', 'SSM:/a'] as $item) {
            yield "item '$item'" => [
                $empty,
                $item,
                "expected ssm:/path or secretsmanager:name, got '$item'",
            ];
        }
        yield 'no SDK' => [
            null,
            'ssm:/a',
            'the application has no SDK that reads ssm:/a: composer require aws/aws-sdk-php',
        ];
        yield 'nothing there' => [
            $empty,
            'ssm:/a',
            'ssm:/a: there is no parameter below this path',
        ];
        yield 'bytes' => [
            $empty,
            'secretsmanager:a',
            'secretsmanager:a: expected text, got a secret of bytes',
        ];
        yield 'member' => [
            self::client([], ['a' => '{"X":["hunter2"]}']),
            'secretsmanager:a',
            'secretsmanager:a: member X: expected text, a whole number or a bool, got array',
        ];
        yield 'fraction' => [
            self::client([], ['a' => '{"X":1.10}']),
            'secretsmanager:a',
            'secretsmanager:a: member X: expected text, a whole number or a bool, got float: write'
                . ' it as text',
        ];
        yield 'NUL byte' => [
            self::client(['/a/X' => "hunter2\0"]),
            'ssm:/a',
            'ssm:/a: X: expected text without a NUL byte, got one with it',
        ];
        yield 'NUL byte of a member' => [
            self::client([], ['a' => '{"X":"hunter2\u0000"}']),
            'secretsmanager:a',
            'secretsmanager:a: X: expected text without a NUL byte, got one with it',
        ];
        yield 'no value' => [
            self::client(['/a/X' => null]),
            'ssm:/a',
            'ssm:/a: X: expected text without a NUL byte, got null',
        ];
        foreach (['AWS_REGION', 'LAMBDA_TASK_ROOT', 'PHORK_STRATEGY', '_HANDLER', '1ST'] as $name) {
            yield "name $name" => [
                self::client(["/a/$name" => 'hunter2']),
                'ssm:/a',
                "ssm:/a: '$name' cannot be the name of a variable: it is empty, begins with a"
                    . ' digit, or is one of Lambda or phork',
            ];
        }
        $errors = [
            'AccessDeniedException' => 'access denied: the role of the function needs'
                . ' ssm:GetParametersByPath and, for a key of your own, kms:Decrypt',
            'ResourceNotFoundException' => 'not found in this region',
            'ThrottlingException' => 'throttled: raise the limit of the service, or start fewer'
                . ' environments at a time',
            'InternalServerError' => 'failed: InternalServerError',
            '' => 'failed: RuntimeException',
        ];
        foreach ($errors as $code => $message) {
            yield "error '$code'" => [self::client(code: $code), 'ssm:/a', "ssm:/a: $message"];
        }
        $vpc = '; in a VPC the function needs an endpoint of the service or a NAT gateway';
        $problems = [
            'no answer from AWS within 2 s' . $vpc => Problem::NoAnswer,
            'the connection was refused' . $vpc => Problem::Refused,
            'the name of the service has no address' . $vpc => Problem::NoAddress,
        ];
        foreach ($problems as $message => $problem) {
            $client = self::client(code: '', problem: $problem);
            yield $problem->name => [$client, 'ssm:/a', "ssm:/a: $message"];
        }
    }

    /**
     * @param array<string, string> $parameters
     * @param array<string, string> $secrets
     */
    private static function client(
        array $parameters = [],
        array $secrets = [],
        ?string $code = null,
        ?Problem $problem = null,
    ): Client
    {
        return new class ($parameters, $secrets, $code, $problem) implements Client {
            public function __construct(
                private array $parameters,
                private array $secrets,
                private ?string $code,
                private ?Problem $problem,
            ) {
            }

            public function parametersBelow(string $path): iterable
            {
                if ($this->code !== null) {
                    throw new RuntimeException('hunter2');
                }

                return array_filter(
                    $this->parameters,
                    static fn (string $name): bool => str_starts_with($name, "$path/"),
                    ARRAY_FILTER_USE_KEY,
                );
            }

            public function secret(string $id): array
            {
                $name = preg_replace('/^arn:.*:secret:(.*?)(-a1B2c3)?$/', '$1', $id);

                return [$name, $this->secrets[$id] ?? null];
            }

            public function codeOf(Throwable $error): ?string
            {
                return $this->code;
            }

            public function problemOf(Throwable $error): ?Problem
            {
                return $this->problem;
            }
        };
    }
}
