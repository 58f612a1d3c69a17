<?php
// SPDX-License-Identifier: MIT
//
// The PSR-17 factories of the PSR-7 package that the application has installed. When there are
// several, the package of a framework goes before those that HTTP clients and SDKs bring. The
// factories are made once, at boot.
// https://www.php-fig.org/psr/psr-17/

declare(strict_types=1);

namespace Phork\Psr;

use GuzzleHttp\Psr7\HttpFactory;
use Laminas\Diactoros;
use Nyholm\Psr7\Factory\Psr17Factory;
use Phork\Worker\UnusableEntry;
use Psr\Http\Message\ServerRequestFactoryInterface;
use Psr\Http\Message\StreamFactoryInterface;
use Psr\Http\Message\UploadedFileFactoryInterface;
use Psr\Http\Message\UriFactoryInterface;
use Slim\Psr7\Factory as Slim;

final readonly class Psr17Factories
{
    /**
     * The classes are in the order of the constructor's parameters; a single class is all four.
     * @var array<string, list<class-string>>
     */
    private const PACKAGES = [
        'slim/psr7' => [
            Slim\ServerRequestFactory::class,
            Slim\UriFactory::class,
            Slim\StreamFactory::class,
            Slim\UploadedFileFactory::class,
        ],
        'laminas/laminas-diactoros' => [
            Diactoros\ServerRequestFactory::class,
            Diactoros\UriFactory::class,
            Diactoros\StreamFactory::class,
            Diactoros\UploadedFileFactory::class,
        ],
        'nyholm/psr7' => [Psr17Factory::class],
        'guzzlehttp/psr7' => [HttpFactory::class],
    ];

    public function __construct(
        public ServerRequestFactoryInterface $requests,
        public UriFactoryInterface $uris,
        public StreamFactoryInterface $streams,
        public UploadedFileFactoryInterface $files,
    ) {
    }

    /** @throws UnusableEntry */
    public static function installed(): self
    {
        foreach (self::PACKAGES as $classes) {
            if (class_exists($classes[0])) {
                $factories = array_map(static fn (string $class): object => new $class(), $classes);

                return new self(...array_pad($factories, 4, $factories[0]));
            }
        }

        throw new UnusableEntry(sprintf(
            'entry: find PSR-17 factories for the PSR-15 handler: expected one of the packages %s,'
                . ' but none is installed',
            implode(', ', array_keys(self::PACKAGES)),
        ));
    }
}
