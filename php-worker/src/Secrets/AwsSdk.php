<?php
// SPDX-License-Identifier: MIT
//
// https://docs.aws.amazon.com/aws-sdk-php/v3/api/class-Aws.Ssm.SsmClient.html

declare(strict_types=1);

namespace Phork\Secrets;

use Aws\Exception\AwsException;
use Aws\Exception\CredentialsException;
use Aws\SecretsManager\SecretsManagerClient;
use Aws\Ssm\SsmClient;
use Throwable;

final class AwsSdk implements Client
{
    // Guzzle keeps the reason in its message alone: curl's number, or what PHP's streams say where
    // there is no curl. https://curl.se/libcurl/c/libcurl-errors.html
    private const NO_ADDRESS = '/^cURL error 6:|: php_network_getaddresses: /';
    private const REFUSED = '/^cURL error 7:|: Connection refused/';

    public static function isInstalled(): bool
    {
        return class_exists(SsmClient::class) && class_exists(SecretsManagerClient::class);
    }

    public function parametersBelow(string $path): iterable
    {
        $request = ['Path' => $path, 'Recursive' => true, 'WithDecryption' => true];
        $pages = (new SsmClient(self::options()))->getPaginator('GetParametersByPath', $request);
        foreach ($pages as $page) {
            foreach ($page['Parameters'] as $parameter) {
                yield $parameter['Name'] => $parameter['Value'] ?? null;
            }
        }
    }

    public function secret(string $id): array
    {
        $client = new SecretsManagerClient(self::options());
        $secret = $client->getSecretValue(['SecretId' => $id]);

        return [$secret['Name'], $secret['SecretString']];
    }

    public function codeOf(Throwable $error): ?string
    {
        return $error instanceof AwsException ? $error->getAwsErrorCode() : null;
    }

    public function problemOf(Throwable $error): ?Problem
    {
        if ($error instanceof CredentialsException) {
            return Problem::NoCredentials;
        }
        if (!$error instanceof AwsException || $error->getResponse() !== null) {
            return null;
        }

        $message = (string) $error->getPrevious()?->getMessage();

        return match (1) {
            preg_match(self::NO_ADDRESS, $message) => Problem::NoAddress,
            preg_match(self::REFUSED, $message) => Problem::Refused,
            default => Problem::NoAnswer,
        };
    }

    /** @return array<string, mixed> */
    private static function options(): array
    {
        return [
            'region' => getenv('AWS_REGION') ?: (getenv('AWS_DEFAULT_REGION') ?: 'us-east-1'),
            'retries' => Secrets::RETRIES,
            'http' => ['connect_timeout' => Secrets::TIMEOUT_S, 'timeout' => Secrets::TIMEOUT_S],
        ];
    }
}
