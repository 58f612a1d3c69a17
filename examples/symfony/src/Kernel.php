<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace App;

use Symfony\Bundle\FrameworkBundle\FrameworkBundle;
use Symfony\Bundle\FrameworkBundle\Kernel\MicroKernelTrait;
use Symfony\Bundle\TwigBundle\TwigBundle;
use Symfony\Component\DependencyInjection\Loader\Configurator\ContainerConfigurator;
use Symfony\Component\HttpKernel\Kernel as BaseKernel;
use Symfony\Component\Routing\Loader\Configurator\RoutingConfigurator;

final class Kernel extends BaseKernel
{
    use MicroKernelTrait;

    public function registerBundles(): iterable
    {
        return [new FrameworkBundle(), new TwigBundle()];
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
            'secrets' => false,
            'http_method_override' => false,
            'handle_all_throwables' => true,
            'php_errors' => ['log' => true],
            // Only the gateway can reach the function.
            'trusted_proxies' => 'REMOTE_ADDR',
            'trusted_headers' => ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port'],
        ]);
        $container->extension('twig', ['default_path' => '%kernel.project_dir%/templates']);
        $container->parameters()
            ->set('env(APP_SECRET)', '')
            // Else each build has another container, although nothing has changed.
            ->set('kernel.container_build_time', (int) (getenv('SOURCE_DATE_EPOCH') ?: time()));
        $container->services()
            ->defaults()->autowire()->autoconfigure()
            ->load('App\\', __DIR__ . '/')
            ->exclude(__DIR__ . '/Kernel.php');
    }

    private function configureRoutes(RoutingConfigurator $routes): void
    {
        $routes->import(__DIR__ . '/Controller/', 'attribute');
    }
}
