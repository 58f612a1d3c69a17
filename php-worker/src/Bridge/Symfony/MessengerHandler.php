<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Bridge\Symfony;

use Phork\Event\BatchFailures;
use Phork\Event\SqsEvent;
use Phork\Worker\UnusableEntry;
use Symfony\Component\HttpKernel\KernelInterface;

/**
 * The handler of a queue of Symfony Messenger on Amazon SQS. Each record is decoded with the
 * transport's serializer and handled as messenger:consume does it; the answer names the messages
 * that come again. Needs PhorkBundle in the kernel. See docs/frameworks.md.
 */
final readonly class MessengerHandler
{
    private MessengerWorker $worker;

    /**
     * Boots the kernel, so that no event waits for it.
     * @param string $transport of framework.messenger.transports, whose queue calls the function
     * @throws UnusableEntry
     */
    public function __construct(KernelInterface $kernel, private string $transport = 'async')
    {
        $kernel->boot();
        $container = $kernel->getContainer();
        $worker = $container->has(MessengerWorker::class)
            ? $container->get(MessengerWorker::class)
            : null;
        if (!$worker instanceof MessengerWorker) {
            throw new UnusableEntry('entry: find Messenger in ' . $kernel::class . ': expected'
                . ' framework.messenger to be configured, and ' . PhorkBundle::class
                . ' in registerBundles() or config/bundles.php; clear the cache behind a change');
        }
        $transports = $worker->transports();
        if (!\in_array($transport, $transports, true)) {
            throw new UnusableEntry("entry: find the transport '$transport' of Messenger: expected"
                . ' a name of framework.messenger.transports'
                . ($transports === [] ? '' : ": '" . implode("', '", $transports) . "'"));
        }
        $this->worker = $worker;
    }

    public function handle(SqsEvent $event): BatchFailures
    {
        return $this->worker->work($event, $this->transport);
    }
}
