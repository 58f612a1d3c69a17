// SPDX-License-Identifier: MIT
#include "bench/subjects/web_server_config.h"

#include <string_view>

#include "bench/figures/text.h"

namespace phork::bench {
namespace {

// The lines of Debian's fastcgi_params.
constexpr std::string_view kParameters = R"(
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param DOCUMENT_URI $document_uri;
      fastcgi_param DOCUMENT_ROOT $document_root;
      fastcgi_param SERVER_PROTOCOL $server_protocol;
      fastcgi_param REQUEST_SCHEME $scheme;
      fastcgi_param GATEWAY_INTERFACE CGI/1.1;
      fastcgi_param SERVER_SOFTWARE nginx;
      fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_param REMOTE_PORT $remote_port;
      fastcgi_param SERVER_ADDR $server_addr;
      fastcgi_param SERVER_PORT $server_port;
      fastcgi_param SERVER_NAME $server_name;
      fastcgi_param REDIRECT_STATUS 200;
)";

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/'));
}

void append_location(std::string& text, const WebSite& site, const std::string& path,
                     const std::string& script_name) {
  text.append("    location ").append(path).append(" {").append(kParameters);
  text.append("      fastcgi_param SCRIPT_NAME ").append(script_name).append(";\n");
  text.append("      fastcgi_param SCRIPT_FILENAME \"").append(site.script).append("\";\n");
  text.append("      fastcgi_pass \"unix:").append(fpm_socket(site)).append("\";\n    }\n");
}

}  // namespace

std::string fpm_socket(const WebSite& site) {
  return site.folder + "/fpm.sock";
}

// - The buffers hold a whole page, so that no answer goes through a file.
// - A connection is never closed after so many requests: all rounds are to be alike.
// - There is a master process, because without one (`master_process off`) nginx crashes over
//   sockets that it inherited.
std::string nginx_configuration(const WebSite& site) {
  std::string text = "daemon off;\nworker_processes 1;\nerror_log stderr warn;\n";
  if (site.as_root) text.append("user root;\n");
  text.append("pid \"").append(site.folder).append("/nginx.pid\";\n");
  text.append("events { worker_connections 1024; }\nhttp {\n  access_log off;\n");
  text.append("  client_max_body_size 64m;\n  keepalive_requests 1000000000;\n");
  text.append("  fastcgi_buffers 64 64k;\n  fastcgi_buffer_size 64k;\n");
  for (const char* use : {"client_body", "fastcgi", "proxy", "scgi", "uwsgi"}) {
    append_format(text, "  %s_temp_path \"%s/%s\";\n", use, site.folder.c_str(), use);
  }
  append_format(text, "  server {\n    listen 127.0.0.1:%u;\n    root \"%s\";\n",
                static_cast<unsigned>(site.port), folder_of(site.script).c_str());
  append_location(text, site, std::string("= ") + kPingPath, kPingPath);
  append_location(text, site, "/", name_of(site.script));
  return text.append("  }\n}\n");
}

// Like strategy fpm in all that affects speed; without its limit and log of requests.
std::string fpm_configuration(const WebSite& site) {
  std::string text =
      "[global]\nerror_log = /proc/self/fd/2\nlog_level = warning\ndaemonize = no\n"
      "[bench]\npm = static\nclear_env = no\ncatch_workers_output = yes\n"
      "decorate_workers_output = no\nphp_flag[display_errors] = off\n"
      "php_flag[log_errors] = on\nphp_admin_value[max_execution_time] = 0\n";
  append_format(text, "pm.max_children = %u\nping.path = %s\n", site.workers, kPingPath);
  append_format(text, "listen = \"%s\"\n", fpm_socket(site).c_str());
  if (site.as_root) text.append("user = 0\ngroup = 0\n");
  return text;
}

}  // namespace phork::bench
