<?php
// SPDX-License-Identifier: MIT
//
// Reads what PHORK_SECRETS names: `ssm:/path` and `secretsmanager:name`, separated by commas. The
// SAPI calls this before it loads the application, and after a restore, and puts the values into
// the environment of its process (php-worker/sapi/secrets.h).

declare(strict_types=1);

namespace Phork\Secrets;

use Phork\Worker\Autoloader;
use Throwable;

final readonly class Secrets
{
    public const TIMEOUT_S = 2;
    public const RETRIES = 1;

    private const ACTIONS = [
        'ssm' => 'ssm:GetParametersByPath and, for a key of your own, kms:Decrypt',
        'secretsmanager' => 'secretsmanager:GetSecretValue and, for a key of your own, kms:Decrypt',
    ];

    private const IN_A_VPC = '; in a VPC the function needs an endpoint of the service or a NAT'
        . ' gateway';

    /** @param ?Client $client null: the application has no SDK */
    public function __construct(private ?Client $client)
    {
    }

    /** @return array<string, string>|string values by the names of variables, or what went wrong */
    public static function load(): array|string
    {
        try {
            $script = $_SERVER['SCRIPT_FILENAME'] ?? '';
            Autoloader::load(\is_string($script) ? $script : '');
        } catch (Throwable $thrown) {
            return 'PHORK_SECRETS: load the autoloader: ' . $thrown::class
                . " in {$thrown->getFile()}:{$thrown->getLine()}";
        }
        try {
            $secrets = new self(AwsSdk::isInstalled() ? new AwsSdk() : null);

            return $secrets->variables((string) getenv('PHORK_SECRETS'));
        } catch (SecretsFailed $failed) {
            return "PHORK_SECRETS: {$failed->getMessage()}";
        }
    }

    /**
     * @return array<string, string> by name; of two with one name the later
     * @throws SecretsFailed
     */
    public function variables(string $list): array
    {
        $variables = [];
        foreach (explode(',', $list) as $item) {
            $variables = $this->variablesOf(trim($item)) + $variables;
        }

        return $variables;
    }

    /** @return array<string, string> */
    private function variablesOf(string $item): array
    {
        [$service, $name] = explode(':', $item, 2) + [1 => ''];
        $isPath = $service === 'ssm' && str_starts_with($name, '/');
        if (!$isPath && ($service !== 'secretsmanager' || $name === '')) {
            throw new SecretsFailed("expected ssm:/path or secretsmanager:name, got '$item'");
        }
        $client = $this->client ?? throw new SecretsFailed(
            "the application has no SDK that reads $item: composer require aws/aws-sdk-php",
        );
        try {
            return $isPath
                ? self::variablesOfPath($client, rtrim($name, '/'))
                : self::variablesOfSecret(...$client->secret($name));
        } catch (SecretsFailed $failed) {
            throw new SecretsFailed("$item: {$failed->getMessage()}");
        } catch (Throwable $thrown) {
            throw new SecretsFailed("$item: " . self::reason($client, $service, $thrown));
        }
    }

    /** @return array<string, string> */
    private static function variablesOfPath(Client $client, string $path): array
    {
        $variables = [];
        foreach ($client->parametersBelow($path === '' ? '/' : $path) as $name => $value) {
            $variable = self::variable(ltrim(substr($name, \strlen($path)), '/'));
            $variables[$variable] = self::checked($variable, $value);
        }

        return $variables ?: throw new SecretsFailed('there is no parameter below this path');
    }

    /** @return array<string, string> the members of a JSON object, or one value */
    private static function variablesOfSecret(string $name, ?string $secret): array
    {
        if ($secret === null) {
            throw new SecretsFailed('expected text, got a secret of bytes');
        }
        $members = json_decode($secret, true, flags: JSON_BIGINT_AS_STRING);
        if (!\is_array($members) || array_is_list($members)) {
            $variable = self::variable(basename($name));

            return [$variable => self::checked($variable, $secret)];
        }
        $variables = [];
        foreach ($members as $name => $value) {
            $name = self::variable((string) $name);
            \is_scalar($value) && !\is_float($value) || throw new SecretsFailed(
                "member $name: expected text, a whole number or a bool, got "
                    . get_debug_type($value) . (\is_float($value) ? ': write it as text' : ''),
            );
            $text = \is_string($value) ? $value : (string) json_encode($value);
            $variables[$name] = self::checked($name, $text);
        }

        return $variables;
    }

    /** The environment holds texts that end with a NUL byte. */
    private static function checked(string $variable, mixed $value): string
    {
        return \is_string($value) && !str_contains($value, "\0")
            ? $value
            : throw new SecretsFailed("$variable: expected text without a NUL byte, got "
                . (\is_string($value) ? 'one with it' : get_debug_type($value)));
    }

    /** A name that a shell takes. Those of Lambda cannot be replaced. */
    private static function variable(string $name): string
    {
        $variable = (string) preg_replace('/[^A-Za-z0-9_]/', '_', $name);
        $reserved = '/^(\d|$|AWS_|LAMBDA_|PHORK_|_HANDLER$|_X_AMZN_)/';

        return preg_match($reserved, $variable) !== 1 ? $variable : throw new SecretsFailed(
            "'$variable' cannot be the name of a variable: it is empty, begins with a digit, or is"
                . ' one of Lambda or phork',
        );
    }

    private static function reason(Client $client, string $service, Throwable $error): string
    {
        $problem = $client->problemOf($error);
        if ($problem !== null) {
            return match ($problem) {
                Problem::NoCredentials => 'no credentials in AWS_ACCESS_KEY_ID, AWS_PROFILE,'
                    . ' ~/.aws, AWS_WEB_IDENTITY_TOKEN_FILE or AWS_CONTAINER_CREDENTIALS_FULL_URI,'
                    . ' nor of this machine\'s role; on Lambda the role of the function gives them',
                Problem::NoAddress => 'the name of the service has no address' . self::IN_A_VPC,
                Problem::Refused => 'the connection was refused' . self::IN_A_VPC,
                Problem::NoAnswer => 'no answer from AWS within ' . self::TIMEOUT_S . ' s'
                    . self::IN_A_VPC,
            };
        }
        $code = (string) $client->codeOf($error);

        return match (true) {
            str_starts_with($code, 'AccessDenied') =>
                'access denied: the role of the function needs ' . self::ACTIONS[$service],
            $code === 'ResourceNotFoundException' => 'not found in this region',
            str_contains($code, 'Throttl') || $code === 'TooManyRequestsException' =>
                'throttled: raise the limit of the service, or start fewer environments at a time',
            default => 'failed: ' . ($code !== '' ? $code : $error::class),
        };
    }
}
