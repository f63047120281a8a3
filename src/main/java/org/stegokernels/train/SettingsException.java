package org.stegokernels.train;

/** Settings that can't be carried out. The message says where they are from, what is wrong, and what would be right. */
public class SettingsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public SettingsException(String message) {
        super(message);
    }
}
