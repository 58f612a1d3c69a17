<?php
// SPDX-License-Identifier: MIT
//
// https://docs.aws.amazon.com/aws-sdk-php/v3/api/class-Aws.Ssm.SsmClient.html

declare(strict_types=1);

namespace Phork\Secrets;

use Aws\Exception\AwsException;
use Aws\SecretsManager\SecretsManagerClient;
use Aws\Ssm\SsmClient;
use Throwable;

final class AwsSdk implements Client
{
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

    public function secret(string $id): ?string
    {
        $client = new SecretsManagerClient(self::options());

        return $client->getSecretValue(['SecretId' => $id])['SecretString'];
    }

    public function codeOf(Throwable $error): ?string
    {
        return $error instanceof AwsException ? $error->getAwsErrorCode() : null;
    }

    public function isNetwork(Throwable $error): bool
    {
        return $error instanceof AwsException && $error->getResponse() === null;
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
