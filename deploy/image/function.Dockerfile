# SPDX-License-Identifier: MIT
#
# The image of one function: here of examples/symfony, after `composer install --no-dev` in it.
#   docker build -f deploy/image/function.Dockerfile -t my-function examples/symfony
# With PHP 8.4: --build-arg PHORK=phork:php8.4
ARG PHORK=phork:php8.2
FROM ${PHORK}
USER root
COPY . /var/task
# Caches of the framework, then the compiled code of all: Lambda's file system is read-only.
RUN php bin/warm-up.php
ENV PHORK_WARMUP="GET /hello/you"
RUN _HANDLER=phork.php /usr/lib/phork/php-worker --compile
USER 65534:65534
CMD ["phork.php"]
