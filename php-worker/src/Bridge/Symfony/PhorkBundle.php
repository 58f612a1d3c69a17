<?php
// SPDX-License-Identifier: MIT
//
// Makes the services that a handler of ours needs and that Symfony keeps private: one public
// service, MessengerWorker, in an application that has Messenger. In one that has not, nothing.

declare(strict_types=1);

namespace Phork\Bridge\Symfony;

use Symfony\Component\DependencyInjection\Compiler\CompilerPassInterface;
use Symfony\Component\DependencyInjection\Compiler\ServiceLocatorTagPass;
use Symfony\Component\DependencyInjection\ContainerBuilder;
use Symfony\Component\DependencyInjection\ContainerInterface;
use Symfony\Component\DependencyInjection\Reference;
use Symfony\Component\HttpKernel\Bundle\Bundle;

final class PhorkBundle extends Bundle implements CompilerPassInterface
{
    private const BUS = 'messenger.routable_message_bus';
    private const FAILURE_LISTENER =
        'messenger.failure.send_failed_message_to_failure_transport_listener';

    public function build(ContainerBuilder $container): void
    {
        $container->addCompilerPass($this);
    }

    public function process(ContainerBuilder $container): void
    {
        if (!$container->has(self::BUS)) {
            return;
        }
        $optional = ContainerInterface::NULL_ON_INVALID_REFERENCE;
        $container->register(MessengerWorker::class, MessengerWorker::class)
            ->setPublic(true)
            ->setArguments([
                new Reference(self::BUS),
                new Reference('event_dispatcher'),
                new Reference('services_resetter'),
                ServiceLocatorTagPass::register($container, self::serializers($container)),
                self::failureSenders($container),
                self::failureTransports($container),
                new Reference('logger', $optional),
            ]);
    }

    /**
     * A transport itself is not made: that of SQS needs a client of AWS, which Lambda replaces.
     * @return array<string, Reference> the serializer of each transport, by the transport's name
     */
    private static function serializers(ContainerBuilder $container): array
    {
        $serializers = [];
        foreach (self::transports($container) as $name => [$id]) {
            // FrameworkBundle: the factory's arguments are DSN, options and serializer.
            $serializer = $container->getDefinition($id)->getArguments()[2] ?? null;
            $serializers[$name] = $serializer instanceof Reference
                ? $serializer
                : new Reference('messenger.default_serializer');
        }

        return $serializers;
    }

    /** @return list<string> the transports that messages of others go to when they failed */
    private static function failureTransports(ContainerBuilder $container): array
    {
        return array_keys(array_filter(
            self::transports($container),
            static fn (array $transport): bool => $transport[1],
        ));
    }

    /** @return array<string, array{string, bool}> service and "is for failures", by their names */
    private static function transports(ContainerBuilder $container): array
    {
        $transports = [];
        foreach ($container->findTaggedServiceIds('messenger.receiver') as $id => $tags) {
            foreach (array_filter($tags, is_array(...)) as $tag) {
                $alias = $tag['alias'] ?? null;
                $isForFailures = ($tag['is_failure_transport'] ?? false) === true;
                $transports[\is_string($alias) ? $alias : $id] = [$id, $isForFailures];
            }
        }

        return $transports;
    }

    /** The senders to failure transports, by the name of the transport that a message came from. */
    private static function failureSenders(ContainerBuilder $container): ?Reference
    {
        $senders = $container->hasDefinition(self::FAILURE_LISTENER)
            ? $container->getDefinition(self::FAILURE_LISTENER)->getArguments()[0] ?? null
            : null;

        return $senders instanceof Reference ? $senders : null;
    }
}
