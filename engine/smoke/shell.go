package smoke

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// agent runs in the guest on the second serial port. A request is one line,
//
//	ID SECONDS BASE64(script)
//
// and an answer is one line, "<<ID EXIT BASE64(output)>>". Nothing that a
// script prints can be taken for an answer, and nothing that it reads comes
// from the line. An exit status of 124 means that SECONDS were over. The script
// "-" is answered by the running shell alone, without a program or a file: so a
// machine whose programs cannot be read any more is told from one that stands
// still. Such a machine cannot encode either: "~" and the first line of the
// output follow instead.
//
// Its files lie on a tmpfs of its own: where the overlay lies on /run, /run is
// full when the overlay is. Under SELinux it first marks itself (see ownLevel),
// and its answers go through a pipe: a program that runs in a domain of its own
// may not write to a file of somebody else's, but to a pipe. What a script leaves
// running may hold that open; the wait for its end has a limit.
const agent = `stty raw -echo 2>/dev/null
cd /
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TERM=dumb SYSTEMD_COLORS=0 SYSTEMD_PAGER= HOME=/root
dir=/run/slipway/own
context=$(tr -d '\000' < /proc/self/attr/current 2>/dev/null)
case $context in
*:*:*:s[0-9]*) ;;
*) context= ;;
esac
if [ "$0" = /run/slipway/agent ]; then
	own="${context%%:s[0-9]*}:` + ownLevel + `"
	if [ -n "$context" ] && [ "$1" != marked ] && runcon "$own" true 2>/dev/null; then
		exec runcon "$own" /bin/sh "$0" marked
	fi
	mkdir -p $dir
	[ -z "$context" ] || chcon -t mnt_t $dir
	mountpoint -q $dir || mount -t tmpfs -o size=16m,mode=0700 slipway $dir
fi
[ -d $dir ] || mkdir -p $dir
printf '\n<<ready 0 >>\n'
while read -r id seconds script; do
	case "$id" in [0-9]*) ;; *) continue ;; esac
	if [ "$script" = - ]; then
		printf '\n<<%s 0 >>\n' "$id"
		continue
	fi
	code=126
	if printf %s "$script" | base64 -d > $dir/script 2> $dir/output; then
		if [ -z "$context" ]; then
			timeout -k 2 "$seconds" /bin/sh $dir/script < /dev/null > $dir/output 2>&1
			code=$?
		else
			rm -f $dir/code
			{ timeout -k 2 "$seconds" /bin/sh $dir/script < /dev/null; echo $? > $dir/code; } 2>&1 | timeout $((seconds + 4)) cat > $dir/output
			read -r code < $dir/code || code=126
		fi
	fi
	answer=$(head -c 65536 $dir/output 2>/dev/null | base64 2>/dev/null | tr -d '\n' 2>/dev/null)
	if [ -z "$answer" ] && [ -s $dir/output ]; then
		read -r line < $dir/output
		answer="~$line"
	fi
	printf '\n<<%s %s %s>>\n' "$id" "$code" "$answer"
done
`

// Answer is what a script in the guest did.
type Answer struct {
	Exit   int
	Output string // both outputs merged, at most 64 KiB
}

// Text is the output without surrounding blank space.
func (a Answer) Text() string { return strings.TrimSpace(a.Output) }

// Shell asks a root shell in the guest. Its methods may be called from any
// goroutine; questions are asked one at a time.
type Shell struct {
	send   func([]byte) error
	asking sync.Mutex
	last   int
	ready  chan struct{}

	mu      sync.Mutex
	buf     []byte
	heard   bool // ready is closed
	waiting map[int]chan Answer
}

// NewShell returns a shell that sends requests with send. What the guest
// answers must be given to Feed.
func NewShell(send func([]byte) error) *Shell {
	return &Shell{send: send, ready: make(chan struct{}), waiting: map[int]chan Answer{}}
}

// longestAnswer bounds what is kept of a line that does not end.
const longestAnswer = 256 << 10

// Feed takes what came from the guest's second serial port. It never blocks.
func (s *Shell) Feed(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buf = append(s.buf, p...)
	for {
		i := bytes.IndexByte(s.buf, '\n')
		if i < 0 {
			break
		}
		s.line(strings.TrimSpace(string(s.buf[:i])))
		s.buf = s.buf[i+1:]
	}
	if len(s.buf) > longestAnswer {
		s.buf = nil
	}
}

func (s *Shell) line(l string) {
	body, ok := strings.CutPrefix(l, "<<")
	if body, ok = strings.CutSuffix(body, ">>"); !ok {
		return
	}
	parts := strings.SplitN(body, " ", 3)
	if len(parts) != 3 {
		return
	}
	if parts[0] == "ready" {
		if !s.heard {
			s.heard = true
			close(s.ready)
		}
		return
	}
	id, err1 := strconv.Atoi(parts[0])
	exit, err2 := strconv.Atoi(parts[1])
	plain, ok := strings.CutPrefix(parts[2], "~")
	output, err3 := []byte(plain), error(nil)
	if !ok {
		output, err3 = base64.StdEncoding.DecodeString(parts[2])
	}
	if answer, ok := s.waiting[id]; ok && errors.Join(err1, err2, err3) == nil {
		answer <- Answer{Exit: exit, Output: string(output)}
		delete(s.waiting, id)
	}
}

// Ready waits for the guest's shell.
func (s *Shell) Ready(ctx context.Context) error {
	select {
	case <-s.ready:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Opened reports whether the guest's shell has spoken.
func (s *Shell) Opened() bool {
	select {
	case <-s.ready:
		return true
	default:
		return false
	}
}

// slack is how much longer than the guest's own limit an answer is awaited:
// a guest that is busy answers late.
const slack = 20 * time.Second

// ErrNoAnswer says that the guest stopped answering.
var ErrNoAnswer = errors.New("the guest's shell does not answer")

// Run runs a script by /bin/sh as root in the guest and returns how it went.
// The guest ends it after limit. The error is ctx's cause or ErrNoAnswer: a
// script that fails is an Answer.
func (s *Shell) Run(ctx context.Context, limit time.Duration, script string) (Answer, error) {
	if err := s.Ready(ctx); err != nil {
		return Answer{}, err
	}
	s.asking.Lock()
	defer s.asking.Unlock()
	return s.ask(ctx, limit, base64.StdEncoding.EncodeToString([]byte(script)))
}

// TryRun is Run for a question that may as well be left out: false if the shell
// is not open or somebody else is asking.
func (s *Shell) TryRun(ctx context.Context, limit time.Duration, script string) (Answer, bool) {
	if !s.Opened() || !s.asking.TryLock() {
		return Answer{}, false
	}
	defer s.asking.Unlock()
	a, err := s.ask(ctx, limit, base64.StdEncoding.EncodeToString([]byte(script)))
	return a, err == nil
}

// Ping reports whether the shell itself still runs: it answers without starting
// a program or touching a file. The error is as Run's.
func (s *Shell) Ping(ctx context.Context, limit time.Duration) error {
	if err := s.Ready(ctx); err != nil {
		return err
	}
	s.asking.Lock()
	defer s.asking.Unlock()
	_, err := s.ask(ctx, limit, "-")
	return err
}

// ask sends one request and waits for its answer. s.asking is held.
func (s *Shell) ask(ctx context.Context, limit time.Duration, script string) (Answer, error) {
	if ctx.Err() != nil {
		return Answer{}, context.Cause(ctx) // nothing is asked of a guest that is gone
	}
	s.last++
	id, answer := s.last, make(chan Answer, 1)
	s.mu.Lock()
	s.waiting[id] = answer
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.waiting, id)
		s.mu.Unlock()
	}()
	line := fmt.Sprintf("%d %d %s\n", id, max(1, int(limit.Seconds())), script)
	if err := s.send([]byte(line)); err != nil {
		return Answer{}, fmt.Errorf("%w: %v", ErrNoAnswer, err)
	}
	timer := time.NewTimer(limit + slack)
	defer timer.Stop()
	select {
	case a := <-answer:
		return a, nil
	case <-timer.C:
		return Answer{}, ErrNoAnswer
	case <-ctx.Done():
		return Answer{}, context.Cause(ctx)
	}
}
