package recipes

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
)

// ErrChanged says that a file changed on disk after it was loaded, so that
// saving would lose somebody's work.
var ErrChanged = errors.New("the file was changed by somebody else since it was loaded")

// ErrNoFile says that a document has no file to be saved to: use SaveAs.
var ErrNoFile = errors.New("the recipe has no file yet")

// Save writes the document to its file: whole or not at all. The file keeps its
// mode and owner, and a symbolic link stays one. It refuses, with ErrChanged,
// if the file is not as it was when loaded.
func (d *Document) Save() error {
	if d.Path == "" || IsBuiltin(d.Path) || d.disk == nil {
		return fmt.Errorf("save %s: %w", d.Recipe.Name, ErrNoFile)
	}
	target, err := filepath.EvalSymlinks(d.Path)
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	now, err := os.ReadFile(target)
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	if !bytes.Equal(now, d.disk) {
		return fmt.Errorf("save %s: %w", d.Path, ErrChanged)
	}
	info, err := writable(target)
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	if err := writeFile(target, d.Source, info); err != nil {
		return fmt.Errorf("save %s: %w", d.Path, err)
	}
	d.disk = bytes.Clone(d.Source)
	return nil
}

// writable returns a file's state if it may be written to: replacing it would
// get around a mode that says otherwise.
func writable(path string) (fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Stat()
}

// SaveAs writes the document to a new file, which becomes its own. It refuses,
// with fs.ErrExist, to write over another one.
func (d *Document) SaveAs(path string) error {
	if path == d.Path && d.disk != nil && !IsBuiltin(d.Path) {
		return d.Save()
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("save as %s: %w", path, fs.ErrExist)
	}
	if err := writeFile(path, d.Source, nil); err != nil {
		return fmt.Errorf("save as %s: %w", path, err)
	}
	d.Path, d.disk = path, bytes.Clone(d.Source)
	return nil
}

// writeFile replaces a file in one move. like is the file that was there.
func writeFile(path string, text []byte, like fs.FileInfo) error {
	options := []renameio.Option{renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(0o644)}
	if like != nil {
		options = append(options, renameio.WithStaticPermissions(like.Mode().Perm()))
	}
	f, err := renameio.NewPendingFile(path, options...)
	if err != nil {
		return err
	}
	defer f.Cleanup()
	if like != nil {
		if err := keepOwner(f.File, like); err != nil {
			return err
		}
	}
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}

// keepOwner gives a new file the owner of the one it replaces, so that root
// editing a user's recipe does not take it away.
func keepOwner(f *os.File, like fs.FileInfo) error {
	old, ok := like.Sys().(*syscall.Stat_t)
	info, err := f.Stat()
	if err != nil || !ok {
		return err
	}
	if now, ok := info.Sys().(*syscall.Stat_t); ok && (now.Uid != old.Uid || now.Gid != old.Gid) {
		return f.Chown(int(old.Uid), int(old.Gid))
	}
	return nil
}
