<?php
// SPDX-License-Identifier: MIT
//
// The application, for Lambda (console.php) and for a terminal (bin/console).

declare(strict_types=1);

use Symfony\Component\Console\Application;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Input\InputOption;
use Symfony\Component\Console\Output\OutputInterface;

require __DIR__ . '/vendor/autoload.php';

$application = new Application('planets');
$application->setAutoExit(false); // its exit would end the process before the answer
$application->register('planets')
    ->setDescription('Lists planets and their diameters')
    ->addOption('larger-than', null, InputOption::VALUE_REQUIRED, 'Kilometres', 0)
    ->setCode(static function (InputInterface $input, OutputInterface $output): int {
        $least = $input->getOption('larger-than');
        if (!is_numeric($least)) {
            $output->writeln("--larger-than: expected a number of kilometres, got '$least'");
            return Command::INVALID;
        }
        foreach (['mercury' => 4_879, 'earth' => 12_742, 'jupiter' => 139_820] as $name => $km) {
            if ($km > $least) {
                $output->writeln("$name $km km");
            }
        }
        return Command::SUCCESS;
    });
return $application;
