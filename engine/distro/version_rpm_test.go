package distro

import "testing"

// inOrder holds that each version is older than all that follow.
func inOrder(t *testing.T, compare func(a, b string) int, order ...string) {
	t.Helper()
	for i := range order {
		for j := range order {
			if got := compare(order[i], order[j]); got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("%s and %s: %d", order[i], order[j], got)
			}
		}
	}
}

func TestCompareRPM(t *testing.T) {
	// rpm-version(7): ~ is older than nothing, ^ newer than nothing and older than
	// anything else; numbers are newer than letters; the epoch counts first.
	inOrder(t, compareRPM, "0.9", "1.0~rc1", "1.0~rc1^git1", "1.0~rc2", "1.0", "1.0-1", "1.0-1.fc42", "1.0-2.fc42", "1.0-10.fc42",
		"1.0^20240101git", "1.0^20240201git", "1.0.a", "1.0.1", "1.2", "1.10", "2.0", "1:0.1-1", "2:0.1-1")
	for _, same := range [][2]string{{"1.0", "1.00"}, {"1.0", "1_0"}, {"0:1.0-1", "1.0-1"}, {"1.0~rc1", "1.0~rc1"}} {
		if c := compareRPM(same[0], same[1]); c != 0 {
			t.Errorf("%s and %s: %d", same[0], same[1], c)
		}
	}
}

func TestComparePacman(t *testing.T) {
	// vercmp(8)
	inOrder(t, comparePacman, "1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1")
	inOrder(t, comparePacman, "1", "1.0", "1.1", "1.1.1", "1.2", "2.0", "3.0.0")
	inOrder(t, comparePacman, "1.5-1", "1.5-2", "1.5.b-1", "1.5.1-1", "1.5.1-1.5", "1.5.2-1", "1.10-1", "1:0.1-1", "1:0.1-2", "2:0.0-1")
	inOrder(t, comparePacman, "1.0_a", "1.0.1", "1.0__a") // the longer separator is newer
	for _, same := range [][2]string{{"1.5-1", "1.5"}, {"1.5", "1.5-7"}, {"0:1.0-1", "1.0-1"}, {"1.01", "1.1"}, {"1.0.", "1.0."}, {"1_2_3", "1.2.3"}} {
		if c := comparePacman(same[0], same[1]); c != 0 {
			t.Errorf("%s and %s: %d", same[0], same[1], c)
		}
	}
}
