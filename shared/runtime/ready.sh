#!/bin/bash
# ready.sh [PORT PATH]: the health check of a container. Exits with 0 if its process answers there with 200, else with
# 1. Without arguments it asks where WORKER answers. If HEALTH_PORT is 0, there is nothing to ask, and all is well.
#
# If an engine starts a process in a container, that alone takes some 20 ms of a processor. So a check goes on for half
# a minute if the last one was good: it asks every five seconds, and ends at the first fault. If there was none yet, or
# a fault, it asks once. So `docker ps` shows every change as soon as if each check asked once.
#
# All of it is done by bash itself, because another program, Python above all, would take far more than the question.
every_s=5
goes_on_s=30
answer_within_s=3
last=/dev/shm/ready # not empty if the last check was good; the engine makes the folder anew at each start

if [[ $# == 2 ]]; then
  port=$1 path=$2
elif [[ $WORKER == simulator ]]; then
  port=${SIMULATOR_PORT:-8080} path=healthz
else
  port=${HEALTH_PORT:-9100} path=readyz
fi

ask() {
  local server answer=
  [[ $port != 0 ]] || return 0
  exec {server}<>"/dev/tcp/127.0.0.1/$port" || return 1
  printf 'GET /%s HTTP/1.0\r\n\r\n' "$path" >&"$server"
  read -r -t $answer_within_s -N 4096 -u "$server" answer # to its end, else the server could not send the rest
  exec {server}>&-
  [[ $answer == HTTP/1.?\ 200\ * ]] && return 0
  echo "http://127.0.0.1:$port/$path: ${answer:-no answer within $answer_within_s s}"
  return 1
}

rest() {
  local nothing
  exec {nothing}<>/dev/udp/127.0.0.1/9 # nothing ever comes from there, and `sleep` would be a process
  read -r -t $every_s -u "$nothing"
  exec {nothing}>&-
}

until_s=0
[[ -s $last ]] && until_s=$goes_on_s
: 2>/dev/null >$last # where there is no such folder, each check asks once
ask || exit 1
while ((SECONDS < until_s)); do
  rest
  ask || exit 1
done
echo good 2>/dev/null >$last
exit 0
