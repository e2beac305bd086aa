package distro

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/xml"
	"strings"
	"time"
)

// IndexDate is when a source's signed index was made. One that does not say so
// gets the first second of 1970.
func IndexDate(s Source, index []byte) time.Time {
	switch s.Family {
	case RPM, Zypper:
		return repomdDate(index)
	case Pacman:
		return databaseDate(index)
	}
	return releaseDate(index)
}

// releaseDate reads the Date field of a Release file.
func releaseDate(index []byte) time.Time {
	sc := bufio.NewScanner(bytes.NewReader(index))
	for sc.Scan() {
		if v, ok := strings.CutPrefix(sc.Text(), "Date: "); ok {
			if t, err := time.Parse(time.RFC1123, strings.TrimSpace(v)); err == nil {
				return t
			}
		}
	}
	return time.Unix(1, 0)
}

// repomdDate is the newest of the times of the files that a repomd.xml names.
func repomdDate(index []byte) time.Time {
	var repomd struct {
		Data []struct {
			Timestamp float64 `xml:"timestamp"` // createrepo_c writes whole seconds, others do not
		} `xml:"data"`
	}
	newest := int64(1)
	if xml.Unmarshal(index, &repomd) == nil {
		for _, d := range repomd.Data {
			newest = max(newest, int64(d.Timestamp))
		}
	}
	return time.Unix(newest, 0)
}

// databaseDate is when the newest entry of a database of pacman was made.
func databaseDate(index []byte) time.Time {
	newest := time.Unix(1, 0)
	in, err := decompress(bytes.NewReader(index))
	if err != nil {
		return newest
	}
	for entries := tar.NewReader(in); ; {
		h, err := entries.Next()
		if err != nil {
			return newest
		}
		if h.ModTime.After(newest) {
			newest = h.ModTime
		}
	}
}
