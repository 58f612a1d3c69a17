<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace App;

use Symfony\Bundle\FrameworkBundle\FrameworkBundle;
use Symfony\Bundle\FrameworkBundle\Kernel\MicroKernelTrait;
use Symfony\Component\DependencyInjection\Loader\Configurator\ContainerConfigurator;
use Symfony\Component\EventDispatcher\Attribute\AsEventListener;
use Symfony\Component\HttpFoundation\JsonResponse;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpKernel\Event\TerminateEvent;
use Symfony\Component\HttpKernel\Kernel as BaseKernel;
use Symfony\Component\Routing\Attribute\Route;

final class Kernel extends BaseKernel
{
    use MicroKernelTrait;

    private int $requests = 0;

    public function registerBundles(): iterable
    {
        return [new FrameworkBundle()];
    }

    public function getCacheDir(): string
    {
        return sys_get_temp_dir() . '/frankenphp-example/' . $this->environment;
    }

    public function getLogDir(): string
    {
        return sys_get_temp_dir();
    }

    /** The kernel is kept, so under FrankenPHP the count grows; a fork begins where boot ended. */
    #[Route('/count')]
    public function count(Request $request): JsonResponse
    {
        return new JsonResponse([
            'requests' => ++$this->requests,
            'name' => $request->query->get('name', 'world'),
        ]);
    }

    #[Route('/fails')]
    public function fails(): never
    {
        throw new \DomainException('thrown on purpose');
    }

    /** Runs when the client has its answer. */
    #[AsEventListener]
    public function after(TerminateEvent $event): void
    {
        error_log('terminate ' . $event->getRequest()->getPathInfo());
    }

    private function configureContainer(ContainerConfigurator $container): void
    {
        $container->extension('framework', [
            'secret' => 'only for an example',
            'http_method_override' => false,
            'handle_all_throwables' => true,
            'php_errors' => ['log' => true],
        ]);
        $container->services()->set(self::class)->synthetic();
    }
}
