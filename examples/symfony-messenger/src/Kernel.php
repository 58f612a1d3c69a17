<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace App;

use Phork\Bridge\Symfony\PhorkBundle;
use Symfony\Bundle\FrameworkBundle\FrameworkBundle;
use Symfony\Bundle\FrameworkBundle\Kernel\MicroKernelTrait;
use Symfony\Component\DependencyInjection\Loader\Configurator\ContainerConfigurator;
use Symfony\Component\HttpKernel\Kernel as BaseKernel;

final class Kernel extends BaseKernel
{
    use MicroKernelTrait;

    public function registerBundles(): iterable
    {
        return [new FrameworkBundle(), new PhorkBundle()];
    }

    // A cache that ships with the code is only read. Without one, each environment builds the
    // container once, in the only folder that Lambda lets a function write to.
    public function getCacheDir(): string
    {
        $shipped = $this->getProjectDir() . '/var/cache/' . $this->environment;

        return is_dir($shipped) || is_writable($this->getProjectDir())
            ? $shipped
            : sys_get_temp_dir() . '/symfony/cache/' . $this->environment;
    }

    // Unused: logs go to stderr, which Lambda puts into the function's log.
    public function getLogDir(): string
    {
        return sys_get_temp_dir();
    }

    private function configureContainer(ContainerConfigurator $container): void
    {
        $container->extension('framework', [
            'secret' => '%env(APP_SECRET)%',
            'http_method_override' => false,
            'handle_all_throwables' => true,
            'php_errors' => ['log' => true],
            'serializer' => true,
            'messenger' => [
                'transports' => [
                    'orders' => [
                        'dsn' => '%env(MESSENGER_TRANSPORT_DSN)%',
                        'serializer' => 'messenger.transport.symfony_serializer',
                        // The queue brings a message again, and moves it to its dead-letter queue.
                        'retry_strategy' => ['max_retries' => 0],
                    ],
                ],
                'routing' => [Order::class => 'orders'],
            ],
        ]);
        $container->parameters()
            // Else each build has another container, although nothing has changed.
            ->set('kernel.container_build_time', (int) (getenv('SOURCE_DATE_EPOCH') ?: time()));
        $container->services()
            ->defaults()->autowire()->autoconfigure()
            ->load('App\\', __DIR__ . '/')
            ->exclude([__DIR__ . '/Kernel.php', __DIR__ . '/Order.php']);
    }
}
